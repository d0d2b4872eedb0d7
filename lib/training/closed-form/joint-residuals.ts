import { factorizeRow, substitute } from './linear-algebra.ts';

/**
 * The residuals of rows by the ridge regression that leaves all of them out, from the regression on all rows: the
 * solution of `inverse * R = dual` (Rasmussen & Williams, Gaussian Processes for Machine Learning, 5.4.2, for several
 * rows instead of one).
 * @param inverse [rows, rows]: these rows and columns of the inverse of the kernel with its ridge; it is overwritten
 * @param dual [rows, columns]: these rows of that inverse times the targets
 * @returns [rows, columns]
 */
export function jointResiduals(inverse: Float64Array, dual: Float64Array, columns: number): Float64Array {
  const rows = dual.length / columns;
  for (let row = 0; row < rows; row++) factorizeRow(inverse, rows, row);
  return substitute(inverse, dual, columns);
}
